-- Arrears month by month, the journal entry that drew a list up, and a short way to the lines that wait for their money.
CREATE TABLE "arrears" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "version" BIGINT NOT NULL,
    "list" TEXT,
    "line_code" TEXT,
    "addendum" BIGINT,
    "month" TEXT,
    "person" TEXT,
    "entitlement" TEXT,
    "category" TEXT,
    "coefficient10" BIGINT,
    "rate" BIGINT,
    "due" BIGINT,
    "given" BIGINT,
    "amount" BIGINT
);
CREATE INDEX "arrears_line_code" ON "arrears" ("line_code");
CREATE INDEX "arrears_person" ON "arrears" ("person");
CREATE UNIQUE INDEX "arrears_list_line_code_addendum_month" ON "arrears" ("list", "line_code", "addendum", "month");
ALTER TABLE "payment_list" ADD COLUMN "built_in" BIGINT;
CREATE INDEX "payment_unpaid" ON "payment" ("list") WHERE state <> 'paid';
