// Begins: is the browser fit, is this the only window, does the store open, who is it.

import { render } from "preact";
import "@roundsman/ui/tokens.css";
import "@roundsman/ui/base.css";
import "./phone.css";
import { App } from "./app.tsx";
import { start } from "./start.ts";
import { showLook } from "./state.ts";

showLook();
const root = document.getElementById("app");
if (root) render(<App />, root);
void start();
