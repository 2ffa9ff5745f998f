ALTER TABLE "account" ADD COLUMN "password_at" TEXT;
ALTER TABLE "account" ADD COLUMN "password_by" TEXT;
