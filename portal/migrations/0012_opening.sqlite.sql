CREATE TABLE "opening" ("id" TEXT NOT NULL PRIMARY KEY, "version" INTEGER NOT NULL, "month" TEXT, "decreases" INTEGER, "deaths" INTEGER, "source" TEXT);
CREATE UNIQUE INDEX "opening_month" ON "opening" ("month");
