import "@roundsman/ui/tokens.css";
import "@roundsman/ui/base.css";
import "./styles/console.css";
import { render } from "preact";
import { App } from "./app.tsx";
import { load } from "./state/session.ts";

void load();
const root = document.getElementById("console");
if (root) render(<App />, root);
