/** Making and finding elements. Text always goes in as text, so no name of a pod is ever markup. */

/** @typedef {Node | string | null} Child */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | boolean | (() => void)>} attributes Functions are listeners: `onclick`.
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name.replace(/^on/, ""), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** The element of the page with this id. @param {string} id */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}

/** @param {string} id @param {...Child} children */
export function fill(id, ...children) {
  byId(id).replaceChildren(...children.filter((child) => child !== null));
}

/**
 * Radio buttons that look like segments.
 * @param {string} id Of the fieldset, which keeps its legend.
 * @param {readonly string[]} names
 * @param {string} chosen
 * @param {(name: string) => void} onChange
 */
export function segments(id, names, chosen, onChange) {
  const fieldset = byId(id);
  const options = names.map((name) => {
    const input = element("input", { type: "radio", name: id, value: name, onchange: () => onChange(name) });
    input.checked = name === chosen;
    return element("label", {}, input, element("span", {}, name));
  });
  fieldset.replaceChildren(
    ...fieldset.querySelectorAll("legend"),
    element("div", { class: "options" }, ...options),
  );
}
