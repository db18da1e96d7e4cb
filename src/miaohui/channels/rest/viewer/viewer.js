"use strict";
// Lists what /openapi.json describes, and tries it. No library, nothing from elsewhere; all text is set as text.

const METHODS = ["get", "post", "put", "patch", "delete"];
let document_ = null;

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Text with `code` in it, as nodes. */
function words(text) {
  return (text || "").split("`").map((part, n) => (n % 2 ? make("code", {}, part) : part));
}

function follow(schema) {
  if (!schema || !schema.$ref) return schema || {};
  return schema.$ref.slice(2).split("/").reduce((found, key) => (found ? found[key] : undefined), document_) || {};
}

/** An example of a schema: its own, or one put together from its parts. */
function example(schema, depth = 0) {
  const found = follow(schema);
  if (found.example !== undefined) return found.example;
  if (found.default !== undefined && depth > 0) return found.default;
  if (found.enum) return found.enum[0];
  if (found.const !== undefined) return found.const;
  const choice = (found.anyOf || found.oneOf || found.allOf || [])[0];
  if (choice) return example(choice, depth + 1);
  const type = Array.isArray(found.type) ? found.type[0] : found.type;
  if (type === "object" || found.properties) {
    if (depth > 5) return {};
    const entries = Object.entries(found.properties || {});
    return Object.fromEntries(entries.map(([name, part]) => [name, example(part, depth + 1)]));
  }
  if (type === "array") return depth > 5 ? [] : [example(found.items, depth + 1)];
  return { string: "", integer: 0, number: 0, boolean: false }[type] ?? null;
}

function typeOf(schema) {
  const found = follow(schema);
  if (found.enum) return found.enum.map((value) => JSON.stringify(value)).join(" | ");
  const options = found.anyOf || found.oneOf;
  if (options) return options.map(typeOf).join(" | ");
  if (found.type === "array") return `${typeOf(found.items)}[]`;
  return [found.type || found.title || "any"].flat().join(" | ");
}

function json(value) {
  return JSON.stringify(value, null, 2);
}

function parametersOf(operation) {
  if (!operation.parameters || operation.parameters.length === 0) return null;
  const rows = operation.parameters.map((parameter) =>
    make("label", {}, `${parameter.name} (${parameter.in}${parameter.required ? ", required" : ""}): ${typeOf(parameter.schema)}`,
      make("input", {
        "data-in": parameter.in, "data-name": parameter.name, placeholder: parameter.description || "",
        title: parameter.description, autocomplete: "off", spellcheck: "false",
      })));
  return make("div", {}, make("h3", {}, "Parameters"), make("div", { class: "fields" }, ...rows));
}

function bodyOf(operation) {
  const content = operation.requestBody && operation.requestBody.content["application/json"];
  if (!content) return null;
  const area = make("textarea", { "data-body": true, spellcheck: "false", "aria-label": "Body, JSON" });
  area.value = json(example(content.schema));
  return make("div", {}, make("h3", {}, "Body"), area);
}

function successful(operation) {
  return (Object.entries(operation.responses || {}).find(([status]) => status.startsWith("2")) || [])[1] || {};
}

/** A choice where an answer comes in more than one form, such as whole or piece by piece. */
function formOf(operation) {
  const forms = Object.keys(successful(operation).content || {});
  if (forms.length < 2) return null;
  const choice = make("select", { "data-in": "header", "data-name": "Accept" }, ...forms.map((form) => make("option", {}, form)));
  return make("label", { class: "form" }, "Answer as", choice);
}

function answersOf(operation) {
  const rows = Object.entries(operation.responses || {}).map(([status, response]) =>
    make("tr", {}, make("th", { scope: "row" }, status), make("td", {}, ...words(response.description)),
      make("td", {}, Object.keys(response.content || {}).join(", "))));
  return make("div", {}, make("h3", {}, "Answers"), make("table", {}, make("tbody", {}, ...rows)));
}

function successOf(operation) {
  const content = (successful(operation).content || {})["application/json"];
  if (!content || !content.schema || Object.keys(content.schema).length === 0) return null;
  return make("div", {}, make("h3", {}, "A success looks like"), 
    make("pre", { tabindex: "0", role: "group", "aria-label": "Example of a success" }, json(example(content.schema))));
}

async function attempt(method, path, box, out, button) {
  const headers = {};
  const query = new URLSearchParams();
  let address = path;
  for (const input of box.querySelectorAll("[data-name]")) {
    const { name } = input.dataset;
    if (input.dataset.in === "path") address = address.replace(`{${name}}`, encodeURIComponent(input.value));
    else if (input.value !== "" && input.dataset.in === "query") query.append(name, input.value);
    else if (input.value !== "") headers[name] = input.value;
  }
  const token = document.getElementById("token").value.trim();
  if (token) headers.Authorization = `Bearer ${token}`;
  const area = box.querySelector("textarea[data-body]");
  if (area) headers["Content-Type"] = "application/json";
  const text = query.toString();
  const target = text ? `${address}?${text}` : address;
  button.disabled = true;
  out.hidden = false;
  out.textContent = "…";
  const began = performance.now();
  try {
    const stop = AbortSignal.timeout(30000);
    const response = await fetch(target, {
      method: method.toUpperCase(), headers, body: area ? area.value : undefined, credentials: "omit", signal: stop,
    });
    const ms = Math.round(performance.now() - began);
    out.textContent = `${response.status} ${response.statusText} · ${ms} ms\n`;
    await show(response, out);
  } catch (error) {
    out.textContent += `\n${error}`;
  } finally {
    button.disabled = false;
  }
}

async function show(response, out) {
  const kind = response.headers.get("content-type") || "";
  if (kind.startsWith("text/event-stream") && response.body) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      out.textContent += value;
    }
  }
  const text = await response.text();
  try {
    out.textContent += `\n${json(JSON.parse(text))}`;
  } catch {
    out.textContent += text ? `\n${text}` : "";
  }
}

function operationOf(path, method, operation) {
  const box = make("div", { class: "inside" });
  const [first, ...rest] = (operation.description || operation.summary || "").split("\n\n");
  const details = make("details", { "data-find": `${method} ${path} ${operation.summary || ""} ${operation.description || ""}`.toLowerCase() },
    make("summary", {}, make("span", { class: `method ${method}` }, method.toUpperCase()), make("code", {}, path),
      make("span", {}, ...words(first))), box);
  details.addEventListener("toggle", () => {
    if (!details.open || box.childElementCount > 0) return;
    const out = make("pre", { hidden: true, "aria-live": "polite", tabindex: "0", role: "group", "aria-label": "Answer" });
    const button = make("button", { type: "button" }, "Try it");
    button.addEventListener("click", () => attempt(method, path, box, out, button));
    box.append(...rest.map((part) => make("p", {}, ...words(part))));
    box.append(...[parametersOf(operation), bodyOf(operation), formOf(operation), button, out, answersOf(operation), successOf(operation)].filter(Boolean));
  });
  return details;
}

function render() {
  document.getElementById("version").textContent = document_.info.version;
  document.getElementById("about").replaceChildren(...words(document_.info.description));
  const groups = new Map();
  for (const [path, operations] of Object.entries(document_.paths)) {
    for (const method of METHODS.filter((name) => operations[name])) {
      const tag = (operations[method].tags || ["other"])[0];
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push(operationOf(path, method, operations[method]));
    }
  }
  const sections = [...groups].map(([tag, items]) => make("section", { id: `tag-${tag}` }, make("h2", {}, tag), ...items));
  document.getElementById("operations").replaceChildren(...sections);
  document.getElementById("tags").replaceChildren(...[...groups.keys()].map((tag) => make("a", { href: `#tag-${tag}` }, tag)));
}

function find(words) {
  for (const details of document.querySelectorAll("details")) {
    details.hidden = !details.dataset.find.includes(words.trim().toLowerCase());
  }
  for (const section of document.querySelectorAll("section")) {
    section.hidden = !section.querySelector("details:not([hidden])");
  }
}

document.getElementById("find").addEventListener("input", (event) => find(event.target.value));
fetch("/openapi.json")
  .then((response) => response.json())
  .then((found) => {
    document_ = found;
    render();
  })
  .catch((error) => {
    document.getElementById("operations").textContent = `The document could not be read: ${error}`;
  });
