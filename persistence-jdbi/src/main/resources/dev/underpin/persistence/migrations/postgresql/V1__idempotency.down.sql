drop table underpin_idempotency;
