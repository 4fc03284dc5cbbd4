-- When an order was shipped. Runs behind V1, where the column is missing.

alter table orders add column if not exists shipped_at timestamp(6) with time zone;

-- Until now nothing kept that time: the last change of a shipped order is that it was shipped.
update orders set shipped_at = changed_at where status = 'SHIPPED' and shipped_at is null;
