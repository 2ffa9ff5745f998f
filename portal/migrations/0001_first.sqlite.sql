-- Every table as the portal began.
CREATE TABLE "account" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "name" TEXT NOT NULL CHECK (name = lower(name)),
    "full_name" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "unit" TEXT NOT NULL,
    "password_hash" TEXT NOT NULL,
    "origin" TEXT NOT NULL CHECK (origin IN ('office', 'demo')),
    "created_at" TEXT NOT NULL,
    "created_by" TEXT NOT NULL,
    "last_seen" TEXT,
    "disabled_at" TEXT,
    "disabled_by" TEXT
);
CREATE UNIQUE INDEX "account_name" ON "account" ("name");
CREATE TABLE "addendum" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "version" INTEGER NOT NULL,
    "list" TEXT,
    "month" TEXT,
    "number" INTEGER,
    "type" TEXT,
    "payment" TEXT,
    "person" TEXT,
    "commune" TEXT,
    "reason" TEXT,
    "change" TEXT,
    "amount" INTEGER,
    "by" TEXT,
    "at" TEXT
);
CREATE INDEX "addendum_payment" ON "addendum" ("payment");
CREATE UNIQUE INDEX "addendum_list_number" ON "addendum" ("list", "number");
CREATE TABLE "change" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "version" INTEGER NOT NULL,
    "type" TEXT,
    "reason" TEXT,
    "person" TEXT,
    "new_person" TEXT,
    "commune" TEXT,
    "effective" TEXT,
    "event_date" TEXT,
    "evidence" TEXT,
    "note" TEXT,
    "entitlement" TEXT,
    "category" TEXT,
    "coefficient10" INTEGER,
    "payee" TEXT,
    "payment_method" TEXT,
    "target_kind" TEXT,
    "target" TEXT,
    "target_set" TEXT,
    "state" TEXT,
    "question" TEXT,
    "decision" TEXT,
    "author" TEXT,
    "author_role" TEXT,
    "at" TEXT,
    "decided_by" TEXT,
    "decided_at" TEXT,
    "deciders" TEXT
);
CREATE INDEX "change_person" ON "change" ("person");
CREATE INDEX "change_target" ON "change" ("target");
CREATE INDEX "change_author" ON "change" ("author");
CREATE INDEX "change_state_commune" ON "change" ("state", "commune");
CREATE INDEX "change_commune_id" ON "change" ("commune", "id");
CREATE TABLE "conflict" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "version" INTEGER NOT NULL,
    "type" TEXT,
    "about_kind" TEXT,
    "about" TEXT,
    "field" TEXT,
    "seen" TEXT,
    "current" TEXT,
    "wanted" TEXT,
    "commune" TEXT,
    "author" TEXT,
    "author_role" TEXT,
    "at" TEXT,
    "why" TEXT,
    "entry" INTEGER,
    "deciders" TEXT,
    "state" TEXT,
    "resolution" TEXT,
    "resolved_by" TEXT,
    "resolved_at" TEXT
);
CREATE INDEX "conflict_about" ON "conflict" ("about");
CREATE INDEX "conflict_author" ON "conflict" ("author");
CREATE INDEX "conflict_state_commune" ON "conflict" ("state", "commune");
CREATE TABLE "declaration" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "version" INTEGER NOT NULL,
    "commune" TEXT,
    "month" TEXT,
    "no_change" INTEGER,
    "note" TEXT,
    "withdrawn" INTEGER,
    "declared_by" TEXT,
    "declared_at" TEXT
);
CREATE UNIQUE INDEX "declaration_month_commune" ON "declaration" ("month", "commune");
CREATE TABLE "device" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "account" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "token_hash" TEXT NOT NULL,
    "created_at" TEXT NOT NULL,
    "last_seen" TEXT,
    "revoked_at" TEXT,
    "revoked_by" TEXT
);
CREATE INDEX "device_account" ON "device" ("account");
CREATE UNIQUE INDEX "device_token_hash" ON "device" ("token_hash");
CREATE TABLE "entitlement" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "version" INTEGER NOT NULL,
    "person" TEXT,
    "commune" TEXT,
    "line_code" TEXT,
    "category" TEXT,
    "coefficient10" INTEGER,
    "payee" TEXT,
    "payment_method" TEXT,
    "start_month" TEXT,
    "stop_month" TEXT,
    "suspended_from" TEXT,
    "decision_no" TEXT,
    "decision_date" TEXT,
    "stop_reason" TEXT,
    "note" TEXT,
    "method" TEXT,
    "bank" TEXT,
    "account" TEXT,
    "holder" TEXT
);
CREATE INDEX "entitlement_person" ON "entitlement" ("person");
CREATE UNIQUE INDEX "entitlement_line_code_start_month" ON "entitlement" ("line_code", "start_month");
CREATE INDEX "entitlement_commune" ON "entitlement" ("commune");
CREATE TABLE "epoch" (
    "name" TEXT NOT NULL PRIMARY KEY,
    "at" TEXT NOT NULL
);
CREATE TABLE "failed_sign_in" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "name" TEXT NOT NULL,
    "at" TEXT NOT NULL
);
CREATE INDEX "failed_sign_in_name" ON "failed_sign_in" ("name");
CREATE TABLE "followup" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "version" INTEGER NOT NULL,
    "person" TEXT,
    "commune" TEXT,
    "month" TEXT,
    "finding" TEXT,
    "outcome" TEXT,
    "state" TEXT,
    "author" TEXT
);
CREATE INDEX "followup_person" ON "followup" ("person");
CREATE TABLE "grievance" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "version" INTEGER NOT NULL,
    "person" TEXT,
    "commune" TEXT,
    "text" TEXT,
    "reply" TEXT,
    "state" TEXT,
    "author" TEXT
);
CREATE INDEX "grievance_person" ON "grievance" ("person");
CREATE TABLE "journal" (
    "seq" INTEGER NOT NULL PRIMARY KEY,
    "at" TEXT NOT NULL,
    "device" TEXT NOT NULL,
    "n" INTEGER NOT NULL,
    "account" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "record" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "reused" INTEGER NOT NULL
);
CREATE INDEX "journal_record" ON "journal" ("record");
CREATE INDEX "journal_account_seq" ON "journal" ("account", "seq");
CREATE UNIQUE INDEX "journal_once" ON "journal" ("device", "n") WHERE NOT reused;
CREATE TABLE "payment" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "version" INTEGER NOT NULL,
    "list" TEXT,
    "month" TEXT,
    "person" TEXT,
    "entitlement" TEXT,
    "line_code" TEXT,
    "commune" TEXT,
    "hamlet" TEXT,
    "full_name" TEXT,
    "category" TEXT,
    "coefficient10" INTEGER,
    "rate" INTEGER,
    "allowance" INTEGER,
    "arrears" INTEGER,
    "carried_over" INTEGER,
    "carried_from" TEXT,
    "funeral" INTEGER,
    "total" INTEGER,
    "method" TEXT,
    "bank" TEXT,
    "account" TEXT,
    "holder" TEXT,
    "recipient" TEXT,
    "home_delivery" INTEGER,
    "addendum" INTEGER,
    "published" INTEGER,
    "mark" TEXT,
    "hold" TEXT,
    "state" TEXT,
    "sort_key" TEXT
);
CREATE INDEX "payment_person" ON "payment" ("person");
CREATE INDEX "payment_entitlement" ON "payment" ("entitlement");
CREATE UNIQUE INDEX "payment_list_line_code_addendum" ON "payment" ("list", "line_code", "addendum");
CREATE INDEX "payment_list_commune_hamlet_sort_key_id" ON "payment" ("list", "commune", "hamlet", "sort_key", "id");
CREATE INDEX "payment_month_commune_state" ON "payment" ("month", "commune", "state");
CREATE TABLE "payment_list" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "version" INTEGER NOT NULL,
    "month" TEXT,
    "state" TEXT,
    "build" INTEGER,
    "approval" TEXT,
    "lines" INTEGER,
    "total" INTEGER,
    "digest" TEXT,
    "built_by" TEXT,
    "built_at" TEXT,
    "frozen_by" TEXT,
    "frozen_at" TEXT,
    "approved_by" TEXT,
    "approved_at" TEXT,
    "posted_by" TEXT,
    "posted_at" TEXT,
    "returned_why" TEXT
);
CREATE UNIQUE INDEX "payment_list_month" ON "payment_list" ("month");
CREATE TABLE "pay_session" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "version" INTEGER NOT NULL,
    "month" TEXT,
    "commune" TEXT,
    "pay_point" TEXT,
    "hamlets" TEXT,
    "day" TEXT,
    "starts" TEXT,
    "ends" TEXT,
    "place" TEXT,
    "agent" TEXT,
    "note" TEXT,
    "state" TEXT
);
CREATE INDEX "pay_session_agent" ON "pay_session" ("agent");
CREATE INDEX "pay_session_month_commune" ON "pay_session" ("month", "commune");
CREATE TABLE "person" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "version" INTEGER NOT NULL,
    "code" TEXT,
    "full_name" TEXT,
    "birth" TEXT,
    "sex" TEXT,
    "national_id" TEXT,
    "commune" TEXT,
    "hamlet" TEXT,
    "address" TEXT,
    "phone" TEXT,
    "locator" TEXT,
    "guardian" TEXT,
    "home_delivery" INTEGER,
    "payment_method" TEXT,
    "alternate_recipient" TEXT,
    "note" TEXT,
    "status" TEXT,
    "death_date" TEXT,
    "closed" TEXT,
    "former_communes" TEXT,
    "search_key" TEXT,
    "sort_key" TEXT,
    "method" TEXT
);
CREATE INDEX "person_national_id" ON "person" ("national_id");
CREATE UNIQUE INDEX "person_code" ON "person" ("code");
CREATE INDEX "person_commune_sort_key_id" ON "person" ("commune", "sort_key", "id");
CREATE INDEX "person_sort_key_id" ON "person" ("sort_key", "id");
CREATE TABLE "received" (
    "key" TEXT NOT NULL PRIMARY KEY,
    "account" TEXT NOT NULL,
    "device" TEXT NOT NULL,
    "month" TEXT NOT NULL,
    "revision" INTEGER NOT NULL,
    "at" TEXT NOT NULL
);
CREATE INDEX "received_month_account" ON "received" ("month", "account");
CREATE TABLE "schedule" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "version" INTEGER NOT NULL,
    "month" TEXT,
    "revision" INTEGER,
    "posted_at" TEXT
);
CREATE UNIQUE INDEX "schedule_month" ON "schedule" ("month");
CREATE TABLE "settlement" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "version" INTEGER NOT NULL,
    "month" TEXT,
    "list" TEXT,
    "state" TEXT,
    "figures" TEXT,
    "digest" TEXT,
    "signed_by" TEXT,
    "signed_at" TEXT,
    "closed_by" TEXT,
    "closed_at" TEXT,
    "reopened_why" TEXT
);
CREATE UNIQUE INDEX "settlement_month" ON "settlement" ("month");
CREATE TABLE "touch" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "seq" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "record" TEXT NOT NULL,
    "fields" TEXT NOT NULL,
    "unit" TEXT,
    "left_unit" TEXT
);
CREATE TABLE "unit" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "version" INTEGER NOT NULL,
    "code" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "parent" TEXT,
    "serves" TEXT,
    "valid_from" TEXT NOT NULL,
    "valid_to" TEXT
);
CREATE UNIQUE INDEX "unit_code_valid_from" ON "unit" ("code", "valid_from");
