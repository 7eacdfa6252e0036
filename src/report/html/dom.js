// Elements made of plain values. Text only ever becomes a text node, so nothing of a commit is read as markup.

/** Characters that hide, or turn the order of what is read around. */
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** Text as it is seen: what would hide says its name. */
function visible(text) {
  return String(text).replace(HIDDEN, (c) => {
    const code = c.charCodeAt(0);
    if (code < 32) return "^" + String.fromCharCode(code + 64);
    return code === 127 ? "^?" : `<U+${code.toString(16).toUpperCase().padStart(4, "0")}>`;
  });
}

/** An element with properties, `on` handlers and children; text and numbers become text, null nothing. */
function el(tag, props, ...children) {
  const element = document.createElement(tag);
  fill(element, props);
  append(element, children);
  return element;
}

/** The same for SVG. */
function svg(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes ?? {})) element.setAttribute(name, value);
  append(element, children);
  return element;
}

function fill(element, props) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : visible(child));
  }
}

/** Takes everything out of an element and puts other children in. */
function refill(element, ...children) {
  element.replaceChildren();
  append(element, children);
}

/** An id or a command that a click copies. */
function copied(text, shown) {
  const copy = (event) => {
    event.stopPropagation();
    navigator.clipboard?.writeText(text);
    event.currentTarget.classList.add("copied");
  };
  return el("code", { className: "copy", title: "copy " + text, onclick: copy }, shown ?? text);
}

/** A share in whole per cent; nothing is certain. */
function percent(share) {
  return Math.min(99, Math.max(1, Math.round(share * 100))) + " %";
}

/** "1 file", "2 files". */
function count(n, what) {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}
