/** Every sentence that scripts show, in both languages. A key without either language does not compile. */

type Pair = { readonly zh: string; readonly en: string };

const words = {
  help: { zh: "键盘操作", en: "Keyboard" },
  close: { zh: "关闭", en: "Close" },
  requestFailed: { zh: "操作没有完成，请稍后重试。", en: "That did not go through. Please try again shortly." },
  connectionLost: { zh: "与节点的连接已中断，页面内容可能不是最新的。", en: "The connection to the node is lost; this page may be out of date." },
  connectionBack: { zh: "与节点的连接已恢复。", en: "The connection to the node is back." },
  newsHeld: { zh: "页面内容有更新。您正在填写的内容已保留，提交或刷新后显示最新情况。", en: "There is news. What you are typing is kept; submit or refresh to see it." },
  playerNone: { zh: "当前浏览器不能直接播放这种视频流，请打开播放链接。", en: "This browser cannot play this kind of stream; open the link instead." },
  playerFailed: { zh: "视频网关没有给出可播放的画面，请打开播放链接或稍后重试。", en: "The video gateway gave no picture that plays here; open the link, or try again later." },
  left: { zh: "剩余 {time}", en: "{time} left" },
  overdue: { zh: "超时 {time}", en: "{time} overdue" },
  daysHours: { zh: "{days} 天 {hours} 小时", en: "{days} d {hours} h" },
  hoursMinutes: { zh: "{hours} 小时 {minutes} 分", en: "{hours} h {minutes} min" },
  minutesSeconds: { zh: "{minutes} 分 {seconds} 秒", en: "{minutes} min {seconds} s" },
  draftSaved: { zh: "草稿已保存在本机 {time}", en: "draft kept in this browser {time}" },
  draftFound: { zh: "有一份 {time} 保存的草稿，尚未提交。", en: "There is an unsent draft from {time}." },
  draftRestore: { zh: "恢复草稿", en: "Restore the draft" },
  draftDiscard: { zh: "放弃草稿", en: "Discard it" },
  map: { zh: "地图", en: "Map" },
  zoomIn: { zh: "放大", en: "Zoom in" },
  zoomOut: { zh: "缩小", en: "Zoom out" },
  unknown: { zh: "未知", en: "unknown" },
  clusterOf: { zh: "{layer}：此处 {count} 个，点击展开", en: "{layer}: {count} here, select to expand" },
  dataAt: { zh: "数据截至 {time}", en: "data as of {time}" },
  layerFailed: { zh: "未能读取，当前状态未知", en: "could not be read; state unknown" },
  county: { zh: "县（市、区）", en: "County" },
  level1: { zh: "一级（红）", en: "Level 1 (red)" },
  level2: { zh: "二级（橙）", en: "Level 2 (orange)" },
  level3: { zh: "三级（黄）", en: "Level 3 (yellow)" },
  level4: { zh: "四级（蓝）", en: "Level 4 (blue)" },
  countiesWithAlarms: { zh: "有未关闭报警的县（{count}）", en: "Counties with open alarms ({count})" },
  layerRows: { zh: "{layer}：当前视野内 {shown} 个", en: "{layer}: {shown} in view" },
  layerRowsCut: { zh: "{layer}：视野内对象较多，仅列出前 {shown} 个，请放大", en: "{layer}: many in view, first {shown} listed; zoom in for all" },
  objectName: { zh: "名称", en: "Name" },
  coordinates: { zh: "经度、纬度", en: "Longitude, latitude" },
  noLayers: { zh: "没有打开的图层。", en: "No layer is switched on." },
  noWebGL: {
    zh: "当前浏览器不能绘制地图（缺少 WebGL）。请使用右侧列表和各业务页面。",
    en: "This browser cannot draw the map (no WebGL). Use the list beside it and the other pages.",
  },
  liveConnecting: { zh: "实时连接：连接中", en: "Live link: connecting" },
  liveOpen: { zh: "实时连接：正常", en: "Live link: up" },
  liveLost: { zh: "实时连接：中断，画面可能不是最新", en: "Live link: lost, figures may be old" },
  tourStep: { zh: "第 {number} 步，共 {total} 步", en: "Step {number} of {total}" },
  tourNext: { zh: "下一步", en: "Next" },
  tourBack: { zh: "上一步", en: "Back" },
  tourEnd: { zh: "结束导览", en: "End tour" },
  tourMapTitle: { zh: "一张图：辖区里正在发生什么", en: "Map: what is happening in your area" },
  tourMap: {
    zh: "紫色越深，该县未关闭的报警越多；灰色表示您看不到或数据未知，绝不表示正常。左侧开关图层，点对象在右侧看详情，地址栏可直接转发给同事。",
    en: "The deeper the purple, the more open alarms a county has; grey means unknown or outside your view, never normal. Switch layers on the left, select an object to read it on the right, and send the address to a colleague.",
  },
  tourDutyTitle: { zh: "值班台：先处理什么", en: "Duty desk: what comes first" },
  tourDuty: {
    zh: "报警、待办和报送时限都在这里，实时更新。选中一行按 a 即可确认，系统记下是谁、何时。",
    en: "Alarms, tasks and reporting deadlines, updated live. Press a on a row to acknowledge it; who and when is kept.",
  },
  tourAlarmsTitle: { zh: "报警：两条线分开看", en: "Alarms: two axes" },
  tourAlarms: {
    zh: "“是否恢复”和“是否有人确认”是两回事。只有恢复并确认的报警才算关闭。",
    en: "Whether a value is back to normal and whether somebody took notice are two questions. Only both together close an alarm.",
  },
  tourFilingsTitle: { zh: "信息报送：时限由法规决定", en: "Reports: the law sets the clock" },
  tourFilings: {
    zh: "填写伤亡和情况后，系统按法规判定等级和上报时限，倒计时一直在旁边；逾期会留下谁、晚了多久。",
    en: "From casualties and facts the level and the deadlines follow by law; the countdown stays beside the form, and a missed one is kept with who and how late.",
  },
  tourBulletinsTitle: { zh: "预警：起草和审批必须是两个人", en: "Bulletins: two people, always" },
  tourBulletins: {
    zh: "起草人不能审批自己的预警。发布后以 CAP 1.2 格式公开，并在各渠道留下回执。",
    en: "Nobody approves their own draft. A published bulletin is public as CAP 1.2, and every channel keeps its receipts.",
  },
  tourIncidentsTitle: { zh: "事件：从响应到关闭", en: "Incidents: from response to closure" },
  tourIncidents: {
    zh: "按预案启动响应，任务自动分派；全过程生成一条时间线，可导出 PDF。",
    en: "A plan becomes a response with tasks; everything forms one timeline, also as PDF.",
  },
  tourEnterprisesTitle: { zh: "企业：一企一档", en: "Enterprises: one file each" },
  tourEnterprises: {
    zh: "基本情况、危险源、设备和测点、报警、证据都在一页上；可筛选、导入和导出表格。",
    en: "Basics, hazard sources, devices, alarms and evidence on one page; filter, import and export.",
  },
  tourAuditTitle: { zh: "审计日志：改不掉的记录", en: "Audit log: a record nobody can change" },
  tourAudit: {
    zh: "每一次修改都进入按哈希相连的日志，改动一个字节，校验就会失败。",
    en: "Every change enters a hash-chained log; one altered byte and verification fails.",
  },
  tourDrillTitle: { zh: "现在走一遍：开始演练", en: "Now try it: start the drill" },
  tourDrill: {
    zh: "按“开始演练”，一家企业会发生氯气泄漏（虚构）。请用不同角色依次确认报警、报送、发布预警、启动并结束响应。全程带“演练”标记，不会发给任何真实接收方。",
    en: "Start the drill and an invented plant releases chlorine. As different roles, acknowledge, report, warn, respond and close. Everything is marked as an exercise and reaches no real receiver.",
  },
  requestNumber: { zh: "请求编号", en: "Request number" },
} as const satisfies Record<string, Pair>;

export type Word = keyof typeof words;

const language: keyof Pair = document.documentElement.lang.startsWith("en") ? "en" : "zh";

/** The sentence `key` in the page's language, `{name}` fields filled from `facts`. */
export function say(key: Word, facts: Readonly<Record<string, string | number>> = {}): string {
  return words[key][language].replace(/\{(\w+)\}/g, (whole, name: string) => String(facts[name] ?? whole));
}

/** Whether the page is shown in English. */
export const english = language === "en";
