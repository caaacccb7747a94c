// Begins: is the browser fit, is this the only window, does the store open, who is it.

import { render } from "preact";
import { App } from "./app.tsx";
import { start } from "./start.ts";
import { showLook } from "./state.ts";

showLook();
// Before the first screen is made: whether this is the only window is asked of the browser, and takes a while.
void start();
const root = document.getElementById("app");
if (root) render(<App />, root);
