/** Sentences of the map, in both languages; those it shares with other pages are in `../words`. */

import { english } from "../words";

type Pair = { readonly zh: string; readonly en: string };

const words = {
  presentOnly: { zh: "只有现状，不随时间回看", en: "present only, not as of then" },
  asOf: { zh: "{time} 的状态", en: "as of {time}" },
  now: { zh: "现在", en: "Now" },
  past: { zh: "回看 {time}：只有标明时刻的图层是当时的状态", en: "Looking back to {time}: only layers that say so are as of then" },
  ahead: { zh: "预测 {time}：只有标明时刻的图层是当时的预测", en: "Forecast for {time}: only layers that say so are for then" },
  play: { zh: "播放", en: "Play" },
  pause: { zh: "暂停", en: "Pause" },
  retry: { zh: "重试", en: "Try again" },
  stale: { zh: "已较久没有更新", en: "not updated for a while" },
  nothingHere: { zh: "当前视野内没有。", en: "Nothing in view." },
  zoomCloser: { zh: "放大到 {zoom} 级后显示", en: "shown from zoom {zoom}" },
  counted: { zh: "视野内对象多，按数量汇总显示", en: "many in view, shown as counts" },
  length: { zh: "长度", en: "Length" },
  perimeter: { zh: "周长", en: "Perimeter" },
  area: { zh: "面积", en: "Area" },
  leg: { zh: "第 {number} 段", en: "Leg {number}" },
  metres: { zh: "{value} 米", en: "{value} m" },
  kilometres: { zh: "{value} 千米", en: "{value} km" },
  squareMetres: { zh: "{value} 平方米", en: "{value} m²" },
  squareKilometres: { zh: "{value} 平方千米", en: "{value} km²" },
  hintPoint: { zh: "在地图上点选一个位置。", en: "Select a place on the map." },
  hintLine: { zh: "依次点选各点，双击或按 Enter 结束，Esc 取消。", en: "Select point after point; double-click or Enter ends, Esc gives up." },
  hintArea: { zh: "依次点选各顶点，点回起点或按 Enter 结束，Esc 取消。", en: "Select corner after corner; back to the first or Enter ends, Esc gives up." },
  hintTwo: { zh: "点一下开始，再点一下结束，Esc 取消。", en: "Select where it begins and where it ends; Esc gives up." },
  malformed: { zh: "坐标无法识别：每行一个“经度,纬度”，例如 117.0500,36.6700。", en: "Coordinates not understood: one “longitude,latitude” a line, e.g. 117.0500,36.6700." },
  tooFewLine: { zh: "线至少需要两个点。", en: "A line needs two points at least." },
  tooFewArea: { zh: "面至少需要三个点。", en: "An area needs three points at least." },
  selecting: { zh: "正在查找……", en: "Looking …" },
  selected: { zh: "范围内共 {count} 个对象，面积 {area}", en: "{count} objects in the area of {area}" },
  selectedAtLeast: { zh: "范围内至少 {count} 个对象，面积 {area}；对象过多，数字不是全部", en: "At least {count} objects in the area of {area}; too many to look at all" },
  nothingSelected: { zh: "打开的图层在此范围内没有对象。可打开更多图层或扩大范围。", en: "None of the layers that are on has anything here. Switch more on or widen the area." },
  layerCount: { zh: "{layer}：{count} 个", en: "{layer}: {count}" },
  layerCountCut: { zh: "{layer}：{count} 个，列出前 {shown} 个", en: "{layer}: {count}, first {shown} listed" },
  inView: { zh: "{layer}：{count} 个（仅按当前视野内已读取的对象）", en: "{layer}: {count} (only of what is read for the present view)" },
  inViewCut: { zh: "{layer}：{count} 个（仅按已读取的对象，视野内还有未读取的）", en: "{layer}: {count} (only of what is read; there is more in view)" },
  failedLayers: { zh: "未能读取，没有参加统计：{layers}", en: "could not be read and are not counted: {layers}" },
  state: { zh: "状态", en: "State" },
  measured: { zh: "量算结果", en: "Measured" },
  part: { zh: "部分", en: "Part" },
  value: { zh: "数值", en: "Value" },
  exportView: { zh: "当前视野", en: "the present view" },
  exportArea: { zh: "所选范围", en: "the chosen area" },
  exportOf: { zh: "导出 {layer}（{what}）", en: "Export {layer} ({what})" },
  notExportable: { zh: "您的岗位不能导出此图层。", en: "Your post may not export this layer." },
  partOnly: { zh: "视野内对象较多，浏览器只有其中一部分。请放大，或导出 CSV。", en: "Many in view; the browser holds a part of them only. Zoom in, or export CSV." },
  openPage: { zh: "打开页面", en: "Open its page" },
  exercise: { zh: "演练", en: "Exercise" },
  picture: { zh: "地图 {time}", en: "Map {time}" },
  madeBy: { zh: "{author} 制图于 {time}", en: "made by {author} at {time}" },
  tone_red: { zh: "红", en: "red" },
  tone_orange: { zh: "橙", en: "orange" },
  tone_yellow: { zh: "黄", en: "yellow" },
  tone_blue: { zh: "蓝", en: "blue" },
  tone_green: { zh: "绿", en: "green" },
  tone_grey: { zh: "未知或未分级", en: "unknown or not graded" },
  tone_plain: { zh: "—", en: "—" },
} as const satisfies Record<string, Pair>;

export type Word = keyof typeof words;

/** The sentence `key` in the page's language, `{name}` fields filled from `facts`. */
export function tell(key: Word, facts: Readonly<Record<string, string | number>> = {}): string {
  return words[key][english ? "en" : "zh"].replace(/\{(\w+)\}/g, (whole, name: string) => String(facts[name] ?? whole));
}
