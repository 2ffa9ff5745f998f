// Everything of the booklet is one file; which of its parts a page starts.

import { booklet } from "./main.js";
import { byId } from "./page.js";
import { handIn, watch } from "./enabled.js";
import { keep } from "./shell.js";
import { selftest } from "./selftest.js";

if (byId("new-version")) keep();
if (byId("screen")) booklet();
else if (byId("device-checks")) selftest();
else watch();

/** For js/app.js: a form whose line broke. */
export const leaveForm = handIn;
