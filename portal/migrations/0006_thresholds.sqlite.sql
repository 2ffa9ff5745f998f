CREATE INDEX "person_birth" ON "person" ("birth");
ALTER TABLE "followup" ADD COLUMN "reason" TEXT;
