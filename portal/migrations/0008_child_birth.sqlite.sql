ALTER TABLE "entitlement" ADD COLUMN "child_birth" TEXT;
ALTER TABLE "change" ADD COLUMN "child_birth" TEXT;
CREATE INDEX "entitlement_child_birth" ON "entitlement" ("child_birth");
