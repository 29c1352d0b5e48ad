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
