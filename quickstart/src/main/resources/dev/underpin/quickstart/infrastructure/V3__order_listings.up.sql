-- What the listings of orders are sorted by. Runs at every start, behind the sample data: an index that is built at once
-- takes a small part of the time and the file of one that grows with each row.

-- One for each sort, the unique id last, serves both directions. All orders:
create index if not exists orders_by_placed on orders (placed_at, id);
create index if not exists orders_by_total on orders (total, id);
create index if not exists orders_by_status on orders (status, id);
create index if not exists orders_by_shipped on orders (shipped_at, id);

-- Those of a status in the usual order: without it, a rare status would be looked for in all orders.
create index if not exists orders_by_status_placed on orders (status, placed_at, id);

-- Those of a customer:
create index if not exists orders_by_customer on orders (customer_id, id);
create index if not exists orders_by_customer_placed on orders (customer_id, placed_at, id);
create index if not exists orders_by_customer_total on orders (customer_id, total, id);
create index if not exists orders_by_customer_status on orders (customer_id, status, id);
create index if not exists orders_by_customer_shipped on orders (customer_id, shipped_at, id);
