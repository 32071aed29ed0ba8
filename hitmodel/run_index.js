"use strict";
const table = document.getElementById("runs");
const body = table.tBodies[0];
const rows = Array.from(body.rows);
const heads = Array.from(table.tHead.rows[0].cells);
const find = document.getElementById("find");
const found = document.getElementById("found");

for (const time of document.querySelectorAll("time")) {
  const moment = new Date(time.dateTime);
  const two = (number) => String(number).padStart(2, "0");
  time.textContent = moment.getFullYear() + "-" + two(moment.getMonth() + 1) + "-" + two(moment.getDate()) + " "
    + two(moment.getHours()) + ":" + two(moment.getMinutes());
}

function search() {
  const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
    shown += row.hidden ? 0 : 1;
  }
  found.textContent = words.length ? shown + " of " + rows.length + " runs" : rows.length + " runs";
}

function sortBy(head) {
  const column = heads.indexOf(head);
  const down = head.getAttribute("aria-sort") === "ascending";
  heads.forEach((other) => other.removeAttribute("aria-sort"));
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const key = (row) => row.cells[column].dataset.sort || row.cells[column].textContent;
  rows.sort((a, b) => key(a).localeCompare(key(b), undefined, { numeric: true }) * (down ? -1 : 1));
  rows.forEach((row) => body.appendChild(row));
}

heads.forEach((head) => head.firstChild.addEventListener("click", () => sortBy(head)));
heads[0].setAttribute("aria-sort", "descending");
find.addEventListener("input", search);
search();
