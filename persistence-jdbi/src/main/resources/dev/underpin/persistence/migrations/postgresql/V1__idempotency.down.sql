drop table underpin_idempotency;

drop sequence underpin_idempotency_token;
