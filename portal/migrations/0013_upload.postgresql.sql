-- Files handed in to be taken in edit by edit.
CREATE TABLE "upload" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "account" TEXT NOT NULL,
    "unit" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "commune" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "content" BYTEA,
    "state" TEXT NOT NULL,
    "made_at" TEXT NOT NULL,
    "answers" TEXT NOT NULL,
    "shown" TEXT NOT NULL,
    "total" BIGINT NOT NULL
);
CREATE INDEX "upload_account" ON "upload" ("account");
CREATE TABLE "upload_batch" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "upload" TEXT NOT NULL,
    "number" BIGINT NOT NULL,
    "size" BIGINT NOT NULL,
    "edits" TEXT,
    "results" TEXT
);
CREATE UNIQUE INDEX "upload_batch_upload_number" ON "upload_batch" ("upload", "number");
CREATE TABLE "upload_columns" (
    "key" TEXT NOT NULL PRIMARY KEY,
    "columns" TEXT NOT NULL,
    "at" TEXT NOT NULL
);
