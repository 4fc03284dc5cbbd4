-- How much a customer may owe; without a limit, as much as they like. Runs behind the sample data, where the column is
-- missing.

alter table customers add column if not exists credit_limit numeric(14, 2);

-- Counts orders of those who have a limit, on H2 alone: see JdbiSession.
alter table customers add column if not exists turns bigint default 0 not null;

update customers set credit_limit = 20000 where email like 'customer.%9@example.com';
