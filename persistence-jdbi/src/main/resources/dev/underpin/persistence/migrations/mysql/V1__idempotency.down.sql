-- Never run on MySQL: no server was at hand.
drop table underpin_idempotency;
