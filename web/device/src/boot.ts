// The core begins to load, and beside it the screens.

import "@roundsman/ui/tokens.css";
import "@roundsman/ui/base.css";
import "./phone.css";
import "./core/spawn.ts";

void import("./main.tsx");
