CREATE TABLE "opening" ("id" TEXT NOT NULL PRIMARY KEY, "version" BIGINT NOT NULL, "month" TEXT, "decreases" BIGINT, "deaths" BIGINT, "source" TEXT);
CREATE UNIQUE INDEX "opening_month" ON "opening" ("month");
