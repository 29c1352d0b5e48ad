/** Every sentence that the scripts of a board show, in both languages. */

import { english } from "../words";

type Pair = { readonly zh: string; readonly en: string };

const words = {
  linkConnecting: { zh: "连接中", en: "connecting" },
  linkOpen: { zh: "已连接", en: "connected" },
  linkSending: { zh: "已连接，正在发送 {count}", en: "connected, sending {count}" },
  linkLost: { zh: "离线，待发 {count}", en: "offline, {count} to send" },
  linkSignedOut: { zh: "登录已失效，待发 {count}；请在新页面重新登录", en: "signed out, {count} to send; sign in again in another tab" },
  refused: { zh: "未被接受：{message}", en: "Not accepted: {message}" },
  refusedKept: { zh: "未被接受的内容没有丢失，可下载保存。", en: "What was not accepted is not lost; it can be downloaded." },
  refusedDownload: { zh: "下载未接受的内容", en: "Download it" },
  storeFull: { zh: "本机存储已满，离线内容只保存在当前页面，请不要关闭。", en: "This browser's storage is full; keep this page open until everything is sent." },
  restored: { zh: "已恢复上次未发出的 {count} 处标绘，正在发送。", en: "{count} unsent changes were restored and are being sent." },
  object: { zh: "对象", en: "Object" },
  kind: { zh: "类别", en: "Kind" },
  who: { zh: "标绘人", en: "By" },
  nothing: { zh: "还没有标绘。选择左侧工具在图上标绘，或按坐标添加。", en: "Nothing drawn yet. Take a tool on the left, or add by coordinates." },
  nothingToSee: { zh: "还没有标绘。", en: "Nothing drawn yet." },
  count: { zh: "{count} 个", en: "{count}" },
  madeBy: { zh: "标绘：{name} {post} {time}", en: "Drawn: {name} {post} {time}" },
  changedBy: { zh: "修改：{name} {post} {time}", en: "Changed: {name} {post} {time}" },
  lockedBy: { zh: "已由{name}锁定", en: "Locked by {name}" },
  late: { zh: "迟到", en: "late" },
  notSent: { zh: "尚未送达", en: "not sent yet" },
  hintSymbol: { zh: "先选符号，再在图上点位置", en: "Choose a symbol, then tap its place" },
  hintPoint: { zh: "在图上点位置", en: "Tap the place" },
  hintLine: { zh: "依次点各转折点，完成后点“完成”", en: "Tap the corners, then Finish" },
  hintArea: { zh: "依次点各边界点，完成后点“完成”", en: "Tap the corners of the area, then Finish" },
  hintCircle: { zh: "点圆心，再点圆上一点", en: "Tap the centre, then a place on the circle" },
  hintSector: { zh: "点顶点，再点弧的中间", en: "Tap the apex, then the middle of the arc" },
  coordinatesWrong: { zh: "第 {line} 行不是“经度,纬度”：{text}", en: "Line {line} is not “longitude,latitude”: {text}" },
  coordinatesFew: { zh: "坐标个数不够：至少 {least} 个", en: "Too few coordinates: at least {least}" },
  coordinatesMany: { zh: "这类对象只有一个坐标", en: "This kind has one coordinate only" },
  textNeedsTitle: { zh: "文字对象须填写名称", en: "A text needs its title" },
  newText: { zh: "文字", en: "Text" },
  replayAt: { zh: "第 {sequence} / {last} 步 {time} {name}", en: "step {sequence} of {last} {time} {name}" },
  replayStart: { zh: "第 0 / {last} 步，尚未标绘", en: "step 0 of {last}, nothing drawn" },
  replayFailed: { zh: "暂时读不到这一步，请稍后再试", en: "This step cannot be read just now" },
  pause: { zh: "暂停", en: "Pause" },
  play: { zh: "播放", en: "Play" },
  exercise: { zh: "演练", en: "Exercise" },
  loadFailed: { zh: "标绘内容读不到，正在重试。", en: "The board cannot be read; trying again." },
  closedNow: { zh: "标绘图的设置或状态已改变，请刷新页面查看。", en: "The board's settings changed; reload the page." },
  noWebGL: {
    zh: "当前浏览器不能绘制地图（缺少 WebGL）。仍可用列表和坐标表单标绘。",
    en: "This browser cannot draw the map (no WebGL). The list and the coordinates form still work.",
  },
} as const satisfies Record<string, Pair>;

export type Word = keyof typeof words;

/** The sentence `key` in the page's language, `{name}` fields filled from `facts`. */
export function tell(key: Word, facts: Readonly<Record<string, string | number>> = {}): string {
  return words[key][english ? "en" : "zh"].replace(/\{(\w+)\}/g, (whole, name: string) => String(facts[name] ?? whole));
}
