// Columns sort at a click on their name, figures follow their rows, and a box filters both. Without it the page is the same
// to read.
(() => {
  const text = new Intl.Collator(undefined, { numeric: true });
  const number = (cell) => {
    const found = /^(-?[\d.]+(?:e[-+]?\d+)?)([kM]?)/.exec(cell.textContent.trim());
    return found ? found[1] * ({ k: 1e3, M: 1e6 }[found[2]] || 1) : null;
  };
  const figure = (row) => row.dataset.g && document.getElementById("g" + row.dataset.g);
  for (const table of document.querySelectorAll("table")) {
    const body = table.tBodies[0];
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.onclick = () => {
        const falls = head.getAttribute("aria-sort") === "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", falls ? "descending" : "ascending");
        const sign = falls ? -1 : 1;
        const order = (a, b) => {
          if (!head.classList.contains("number")) return sign * text.compare(a.key, b.key);
          if (a.key === null || b.key === null) return (a.key === null) - (b.key === null);
          return sign * (a.key - b.key);
        };
        const key = (cell) => (head.classList.contains("number") ? number(cell) : cell.textContent);
        const rows = [...body.rows].map((row) => ({ row, key: key(row.cells[column]) })).sort(order);
        body.append(...rows.map(({ row }) => row));
        rows.forEach(({ row }, k) => {
          const shown = figure(row);
          if (shown) shown.style.order = k;
        });
      };
    });
    const rows = [...body.rows].filter((row) => row.dataset.g);
    if (rows.length < 8) continue;
    const words = rows.map((row) => row.textContent.toLowerCase());
    const tools = document.createElement("p");
    tools.className = "tools";
    tools.innerHTML = '<input type="search" placeholder="filter the rows and figures" aria-label="filter"><span aria-live="polite"></span>';
    const [box, count] = tools.children;
    const filter = () => {
      const wanted = box.value.toLowerCase().split(/\s+/);
      let left = 0;
      rows.forEach((row, k) => {
        const fits = wanted.every((word) => words[k].includes(word));
        left += fits;
        row.hidden = !fits;
        const shown = figure(row);
        if (shown) shown.hidden = !fits;
      });
      count.textContent = left === rows.length ? rows.length + " rows; click a column to sort" : left + " of " + rows.length + " rows";
    };
    box.oninput = filter;
    filter();
    table.parentElement.before(tools);
  }
})();
