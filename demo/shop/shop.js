// The sample shop: the stub queue the widget picks up, two languages in one page, and the buttons that ask.
"use strict";

window.Miaohui =
  window.Miaohui ||
  function () {
    (Miaohui.q = Miaohui.q || []).push(arguments);
  };

// The page is written in Chinese; each element carries its English beside it in a data attribute.
const TEXTS = [
  ["data-en", "textContent"],
  ["data-en-label", "ariaLabel"],
  ["data-en-alt", "alt"],
];
const chinese = new Map();

document.addEventListener("DOMContentLoaded", () => {
  rememberChinese();
  speak(new URLSearchParams(location.search).get("lang") === "en" ? "en" : "zh-CN");
  document.getElementById("language").addEventListener("click", switchLanguage);
  document.getElementById("look-up").addEventListener("submit", lookUp);
  document.addEventListener("click", askFromButton);
});

function rememberChinese() {
  for (const [attribute, property] of TEXTS)
    for (const element of document.querySelectorAll(`[${attribute}]`))
      chinese.set(element, { ...chinese.get(element), [property]: element[property] });
}

function speak(locale) {
  const english = locale === "en";
  for (const [attribute, property] of TEXTS)
    for (const element of document.querySelectorAll(`[${attribute}]`))
      element[property] = english ? element.getAttribute(attribute) : chinese.get(element)[property];
  document.documentElement.lang = locale;
  const link = document.getElementById("language");
  link.textContent = english ? "中文" : "English";
  link.lang = link.hreflang = english ? "zh-CN" : "en";
  link.href = english ? "?lang=zh-CN" : "?lang=en";
  Miaohui("update", { locale });
}

function switchLanguage(event) {
  event.preventDefault();
  const locale = isEnglish() ? "zh-CN" : "en";
  history.replaceState(null, "", `?lang=${locale}${location.hash}`);
  speak(locale);
}

function lookUp(event) {
  event.preventDefault();
  const input = document.getElementById("order-number");
  const number = input.value.trim();
  const valid = /^\d{13}$/.test(number);
  input.setAttribute("aria-invalid", String(!valid));
  if (!valid) {
    document.getElementById("order-hint").textContent = say("订单号应是 13 位数字，请再看一下", "An order number has 13 digits, please check");
    input.focus();
    return;
  }
  document.getElementById("order-hint").textContent = say("已经帮您问小杉了", "Xiaoshan is looking it up");
  ask(say(`查物流 ${number}`, `Track order ${number}`));
}

function askFromButton(event) {
  const button = event.target.closest("[data-open], [data-ask], [data-product]");
  if (!button) return;
  const { ask: question, askEn: questionEn, product } = button.dataset;
  if (question) ask(say(question, questionEn));
  else if (product) askAbout(button.dataset);
  else Miaohui("open");
}

function askAbout({ product, name, nameEn, price }) {
  Miaohui("open");
  Miaohui("product", {
    id: product,
    name: say(name, nameEn),
    price: `¥${price}`,
    url: new URL(`#${product}`, location.href).href,
    image: new URL(`art/${product}.svg`, location.href).href,
  });
}

function ask(question) {
  Miaohui("open");
  Miaohui("ask", question);
}

function say(zh, en) {
  return isEnglish() ? en : zh;
}

function isEnglish() {
  return document.documentElement.lang === "en";
}
