package io.engagementwebhooks.api;

/**
 * What runs, in the API and on the command line.
 *
 * @param version of the product, such as {@code 0.1.0}
 * @param commit of its sources; {@code unknown} if the build was not given one
 * @param schema version of the store's tables: the number of their last migration
 * @param camel version of Apache Camel
 */
public record VersionView(String version, String commit, int schema, String camel) {

    /** A line per member. */
    public String text() {
        return """
                engagement-webhooks %s
                commit %s
                schema %d
                camel %s
                """
                .formatted(version, commit, schema, camel);
    }
}
