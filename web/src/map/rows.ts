/** Small tables that scripts make: caption, heads, rows; sortable ones say how they are sorted. */

export type Cell = string | Node;

/** A table with its heads. With `sortBy` the heads are buttons; the sorted one says so. */
export function newTable(caption: string, heads: readonly string[], sorted?: { column: number; down: boolean }, sortBy?: (column: number) => void): HTMLTableElement {
  const table = document.createElement("table");
  table.className = "table table-cards";
  table.createCaption().textContent = caption;
  const line = table.createTHead().insertRow();
  heads.forEach((head, column) => {
    const th = document.createElement("th");
    th.scope = "col";
    if (sortBy) {
      const here = sorted?.column === column;
      th.setAttribute("aria-sort", here ? (sorted.down ? "descending" : "ascending") : "none");
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: `${head}${here ? (sorted.down ? " ▾" : " ▴") : ""}` });
      button.addEventListener("click", () => sortBy(column));
      th.append(button);
    } else th.textContent = head;
    line.append(th);
  });
  table.createTBody();
  table.dataset["heads"] = JSON.stringify(heads);
  return table;
}

/** One more row; on a phone each cell is labelled by its head. */
export function row(table: HTMLTableElement, cells: readonly Cell[]): HTMLTableRowElement {
  const heads = JSON.parse(table.dataset["heads"] ?? "[]") as string[];
  const line = (table.tBodies[0] as HTMLTableSectionElement).insertRow();
  cells.forEach((content, column) => {
    const cell = line.insertCell();
    cell.dataset["label"] = heads[column] ?? "";
    cell.append(content);
  });
  return line;
}

export function button(text: string, onClick: () => void): HTMLButtonElement {
  const element = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-quiet btn-small", textContent: text });
  element.addEventListener("click", onClick);
  return element;
}
