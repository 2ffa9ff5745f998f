-- The prose of an office's reports.
CREATE TABLE "report_text" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "version" INTEGER NOT NULL,
    "unit" TEXT,
    "block" TEXT,
    "text" TEXT
);
CREATE UNIQUE INDEX "report_text_unit_block" ON "report_text" ("unit", "block");
