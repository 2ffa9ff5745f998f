-- Overpayments with their ledger, and grants towards burials.
CREATE TABLE "funeral_grant" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "version" BIGINT NOT NULL,
    "basis" TEXT,
    "person" TEXT,
    "commune" TEXT,
    "hamlet" TEXT,
    "deceased" TEXT,
    "birth" TEXT,
    "death_date" TEXT,
    "burial_day" TEXT,
    "document" TEXT,
    "stop_document" TEXT,
    "organiser" TEXT,
    "relation" TEXT,
    "organiser_id" TEXT,
    "payment_method" TEXT,
    "note" TEXT,
    "line_code" TEXT,
    "grant_code" TEXT,
    "rate" BIGINT,
    "multiple" BIGINT,
    "amount" BIGINT,
    "state" TEXT,
    "decision" TEXT,
    "author" TEXT,
    "author_role" TEXT,
    "at" TEXT,
    "decided_by" TEXT,
    "decided_at" TEXT,
    "method" TEXT,
    "bank" TEXT,
    "account" TEXT,
    "holder" TEXT
);
CREATE INDEX "funeral_grant_person" ON "funeral_grant" ("person");
CREATE INDEX "funeral_grant_state_commune" ON "funeral_grant" ("state", "commune");
CREATE INDEX "funeral_grant_commune" ON "funeral_grant" ("commune");
CREATE TABLE "recovery" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "version" BIGINT NOT NULL,
    "person" TEXT,
    "commune" TEXT,
    "line_code" TEXT,
    "full_name" TEXT,
    "items" TEXT,
    "overpaid" BIGINT,
    "holder" TEXT,
    "state" TEXT,
    "repaid" BIGINT,
    "refunded" BIGINT,
    "handed_over" BIGINT,
    "written_off" BIGINT,
    "corrections" TEXT,
    "found_at" TEXT,
    "closed_by" TEXT,
    "closed_at" TEXT,
    "closed_why" TEXT,
    "search_key" TEXT,
    "sort_key" TEXT
);
CREATE INDEX "recovery_person" ON "recovery" ("person");
CREATE UNIQUE INDEX "recovery_person_line_code" ON "recovery" ("person", "line_code");
CREATE INDEX "recovery_state_sort_key_id" ON "recovery" ("state", "sort_key", "id");
CREATE TABLE "recovery_entry" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "version" BIGINT NOT NULL,
    "recovery" TEXT,
    "commune" TEXT,
    "type" TEXT,
    "day" TEXT,
    "amount" BIGINT,
    "number" TEXT,
    "party" TEXT,
    "note" TEXT,
    "state" TEXT,
    "void_why" TEXT,
    "author" TEXT,
    "author_role" TEXT,
    "at" TEXT,
    "confirmed_by" TEXT
);
CREATE INDEX "recovery_entry_recovery" ON "recovery_entry" ("recovery");
CREATE INDEX "recovery_entry_state_commune" ON "recovery_entry" ("state", "commune");
