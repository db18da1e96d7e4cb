import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { loadWords } from "../shared/i18n/i18n";
import { App } from "./App";
import { followAppearance } from "./appearance";
import "@miaohui/ui/tokens.css";
import "./base.css";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");

followAppearance();
await loadWords();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
