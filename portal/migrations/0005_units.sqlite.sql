ALTER TABLE "unit" ADD COLUMN "succeeded_by" TEXT;
ALTER TABLE "change" ADD COLUMN "appraisal" TEXT;
CREATE TABLE "procedure" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "version" INTEGER NOT NULL,
    "valid_from" TEXT,
    "preset" TEXT,
    "name" TEXT,
    "rule" TEXT,
    "basis" TEXT
);
CREATE TABLE "residence" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "version" INTEGER NOT NULL,
    "person" TEXT,
    "commune" TEXT,
    "hamlet" TEXT,
    "until" TEXT,
    "succession" TEXT
);
CREATE INDEX "residence_person" ON "residence" ("person");
CREATE INDEX "residence_succession" ON "residence" ("succession");
CREATE TABLE "succession" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "version" INTEGER NOT NULL,
    "title" TEXT,
    "basis" TEXT,
    "valid_from" TEXT,
    "plan" TEXT,
    "until" TEXT,
    "people" INTEGER
);
