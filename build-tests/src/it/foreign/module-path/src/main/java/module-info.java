/** A named module that uses us. */
module org.example {
    requires dev.underpin.errors;
    requires dev.underpin.result;
}
