-- The shop. Runs at every start, on H2 and on PostgreSQL: what is there stays as it is.

create table if not exists customers (
    id         uuid                        not null,
    name       varchar(100)                not null,
    email      varchar(200)                not null,
    created_at timestamp(6) with time zone not null,
    constraint customers_pkey primary key (id),
    constraint customers_email_key unique (email)
);

create table if not exists products (
    sku      varchar(8)    not null,
    name     varchar(100)  not null,
    category varchar(30)   not null,
    price    numeric(9, 2) not null,
    stock    integer       not null,
    constraint products_pkey primary key (sku),
    constraint products_stock_check check (stock >= 0)
);

-- The status is deliberately without a check: the seed holds one order with a status that no code knows,
-- to show what a client sees of data that must not exist.
create table if not exists orders (
    id                  uuid                        not null,
    version             bigint                      not null,
    customer_id         uuid                        not null,
    reference           varchar(64),
    status              varchar(20)                 not null,
    total               numeric(14, 2)              not null,
    delivery_recipient  varchar(100),
    delivery_street     varchar(200),
    delivery_postalcode varchar(12),
    delivery_city       varchar(100),
    delivery_country    varchar(2),
    placed_at           timestamp(6) with time zone not null,
    changed_at          timestamp(6) with time zone not null,
    constraint orders_pkey primary key (id),
    constraint orders_reference_key unique (customer_id, reference),
    constraint orders_customer_fkey foreign key (customer_id) references customers (id)
);

-- A line keeps what was agreed, its price included, and outlives the product: no foreign key there.
create table if not exists order_lines (
    order_id   uuid          not null,
    position   integer       not null,
    sku        varchar(8)    not null,
    quantity   integer       not null,
    unit_price numeric(9, 2) not null,
    constraint order_lines_pkey primary key (order_id, position),
    constraint order_lines_order_fkey foreign key (order_id) references orders (id)
);

-- One row: how many sample orders there are to be, and how many there are. Written with the orders themselves.
create table if not exists seeds (
    id      integer not null,
    planned integer not null,
    sown    integer not null,
    constraint seeds_pkey primary key (id)
);
