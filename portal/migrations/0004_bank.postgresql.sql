-- Files for banks and from them, ways of payment by month, and whose accounts are nobody's the sum is for.
CREATE TABLE "bank_file" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "version" BIGINT NOT NULL,
    "list" TEXT,
    "month" TEXT,
    "bank" TEXT,
    "number" BIGINT,
    "template" TEXT,
    "layout" TEXT,
    "lines" BIGINT,
    "total" BIGINT,
    "digest" TEXT,
    "by" TEXT,
    "by_name" TEXT,
    "at" TEXT,
    "downloads" BIGINT,
    "downloaded" TEXT
);
CREATE UNIQUE INDEX "bank_file_month_bank_number" ON "bank_file" ("month", "bank", "number");
CREATE TABLE "bank_file_line" (
    "payment" TEXT NOT NULL PRIMARY KEY,
    "file" TEXT NOT NULL,
    "place" BIGINT NOT NULL
);
CREATE UNIQUE INDEX "bank_file_line_file_place" ON "bank_file_line" ("file", "place");
CREATE TABLE "bank_template" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "version" BIGINT NOT NULL,
    "name" TEXT,
    "bank" TEXT,
    "columns" TEXT,
    "header_rows" TEXT,
    "format" TEXT,
    "sheet" TEXT,
    "separator" TEXT,
    "encoding" TEXT,
    "number_style" TEXT,
    "accents" BOOLEAN,
    "upper" BOOLEAN,
    "content" TEXT,
    "max_rows" BIGINT,
    "state" TEXT
);
CREATE TABLE "payment_method" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "version" BIGINT NOT NULL,
    "person" TEXT,
    "entitlement" TEXT,
    "commune" TEXT,
    "from_month" TEXT,
    "payment" TEXT,
    "before" TEXT,
    "after" TEXT,
    "reason" TEXT,
    "change" TEXT,
    "by" TEXT,
    "approved_by" TEXT,
    "at" TEXT,
    "why" TEXT,
    "withdrawn" BOOLEAN
);
CREATE INDEX "payment_method_person" ON "payment_method" ("person");
CREATE INDEX "payment_method_payment" ON "payment_method" ("payment");
CREATE TABLE "result_file" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "version" BIGINT NOT NULL,
    "list" TEXT,
    "month" TEXT,
    "source" TEXT,
    "name" TEXT,
    "digest" TEXT,
    "booked" TEXT,
    "lines" BIGINT,
    "paid" BIGINT,
    "amount" BIGINT,
    "by" TEXT,
    "at" TEXT
);
CREATE INDEX "result_file_month" ON "result_file" ("month");
CREATE TABLE "result_upload" (
    "key" TEXT NOT NULL PRIMARY KEY,
    "account" TEXT NOT NULL,
    "month" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "at" TEXT NOT NULL,
    "content" BYTEA NOT NULL
);
ALTER TABLE "person" ADD COLUMN "holder_key" TEXT;
ALTER TABLE "entitlement" ADD COLUMN "holder_key" TEXT;
