/** Every sentence that scripts show, in both languages. A key without either language does not compile. */

type Pair = { readonly zh: string; readonly en: string };

const words = {
  help: { zh: "键盘操作", en: "Keyboard" },
  close: { zh: "关闭", en: "Close" },
  requestFailed: { zh: "操作没有完成，请稍后重试。", en: "That did not go through. Please try again shortly." },
  connectionLost: { zh: "与节点的连接已中断，页面内容可能不是最新的。", en: "The connection to the node is lost; this page may be out of date." },
  connectionBack: { zh: "与节点的连接已恢复。", en: "The connection to the node is back." },
  left: { zh: "剩余 {time}", en: "{time} left" },
  overdue: { zh: "超时 {time}", en: "{time} overdue" },
  daysHours: { zh: "{days} 天 {hours} 小时", en: "{days} d {hours} h" },
  hoursMinutes: { zh: "{hours} 小时 {minutes} 分", en: "{hours} h {minutes} min" },
  minutesSeconds: { zh: "{minutes} 分 {seconds} 秒", en: "{minutes} min {seconds} s" },
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
