ALTER TABLE "funeral_grant" ADD COLUMN "revoked_by" TEXT;
ALTER TABLE "funeral_grant" ADD COLUMN "revoked_at" TEXT;
ALTER TABLE "funeral_grant" ADD COLUMN "revoked_why" TEXT;
