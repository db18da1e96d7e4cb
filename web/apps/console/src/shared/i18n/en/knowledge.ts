import type { knowledge as zh } from "../zh-CN/knowledge";

export const knowledge: Readonly<Record<keyof typeof zh, string>> = {
  "knowledge.all": "All articles",
  "knowledge.about":
    "The assistant answers from these articles only; try a question to see what it would find.",
  "knowledge.ask": "Try a question",
  "knowledge.ask_hint": "Ask as a visitor would, e.g. How do I return an item?",
  "knowledge.try": "Search",
  "search.label": "What was found",
  "search.answerable": "Answerable",
  "search.unanswerable": "Not confident: it would say so, or hand over",
  "search.answerability": "confidence {value}",
  "search.none": "Nothing was found",
  "search.none_hint": "Try other words; if visitors often ask this, write an article for it.",
  "search.score": "Score",
  "search.cosine": "Cosine",
  "articles.label": "Articles",
  "articles.title": "Title",
  "articles.tags": "Tags",
  "articles.locale": "Language",
  "articles.updated": "Updated",
  "articles.empty": "No articles yet",
  "articles.empty_hint":
    "Import a folder of Markdown files with miaohui kb import FOLDER, and the articles appear here.",
  "article.title": "Article",
  "article.questions": "Sample questions",
  "passage.title": "The passage cited",
};
