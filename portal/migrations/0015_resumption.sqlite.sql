ALTER TABLE "change" ADD COLUMN "without_arrears" INTEGER;
