-- The office's calendar, and the money with the providers: contracts, requests, vouchers.
CREATE TABLE "contract" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "version" BIGINT NOT NULL,
    "provider" TEXT,
    "number" TEXT,
    "signed_on" TEXT,
    "valid_from" TEXT,
    "valid_to" TEXT,
    "fee100" BIGINT,
    "note" TEXT,
    "withdrawn" BOOLEAN
);
CREATE UNIQUE INDEX "contract_provider_number" ON "contract" ("provider", "number");
CREATE TABLE "cycle_rule" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "version" BIGINT NOT NULL,
    "valid_from" TEXT,
    "declare_by" BIGINT,
    "list_by" BIGINT,
    "pay_from" BIGINT,
    "pay_to" BIGINT,
    "result_by" BIGINT,
    "settle_by" BIGINT,
    "unpaid_balance" TEXT,
    "document" TEXT,
    "withdrawn" BOOLEAN
);
CREATE UNIQUE INDEX "cycle_rule_valid_from" ON "cycle_rule" ("valid_from");
CREATE TABLE "fund_movement" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "version" BIGINT NOT NULL,
    "provider" TEXT,
    "month" TEXT,
    "type" TEXT,
    "cause" TEXT,
    "request" TEXT,
    "amount" BIGINT,
    "number" TEXT,
    "day" TEXT,
    "note" TEXT,
    "confirmed" BOOLEAN,
    "void" BOOLEAN,
    "recorded_by" TEXT,
    "recorded_at" TEXT,
    "confirmed_by" TEXT,
    "confirmed_at" TEXT,
    "void_why" TEXT
);
CREATE INDEX "fund_movement_month" ON "fund_movement" ("month");
CREATE INDEX "fund_movement_request" ON "fund_movement" ("request");
CREATE TABLE "fund_request" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "version" BIGINT NOT NULL,
    "month" TEXT,
    "list" TEXT,
    "provider" TEXT,
    "number" BIGINT,
    "state" TEXT,
    "build" BIGINT,
    "unpaid_balance" TEXT,
    "allowance" BIGINT,
    "arrears" BIGINT,
    "carried_over" BIGINT,
    "funeral" BIGINT,
    "listed" BIGINT,
    "netted" BIGINT,
    "earlier" BIGINT,
    "amount" BIGINT,
    "communes" TEXT,
    "digest" TEXT,
    "made_by" TEXT,
    "made_at" TEXT,
    "approved_by" TEXT,
    "approved_at" TEXT,
    "returned_why" TEXT
);
CREATE UNIQUE INDEX "fund_request_month_provider_number" ON "fund_request" ("month", "provider", "number");
CREATE TABLE "holiday" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "version" BIGINT NOT NULL,
    "day" TEXT,
    "type" TEXT,
    "name" TEXT,
    "document" TEXT,
    "withdrawn" BOOLEAN
);
CREATE UNIQUE INDEX "holiday_day" ON "holiday" ("day");
ALTER TABLE "settlement" ADD COLUMN "funds" TEXT;
