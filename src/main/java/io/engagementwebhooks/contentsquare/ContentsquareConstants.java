package io.engagementwebhooks.contentsquare;

import org.apache.camel.spi.Metadata;

/** Names of the message headers that the component reads and sets. */
public final class ContentsquareConstants {

    @Metadata(
            label = "producer",
            description = "Project of the enrichments whose body names none. It wins over the endpoint's option.",
            javaType = "Long")
    public static final String PROJECT_ID = "CamelContentsquareProjectId";

    @Metadata(label = "producer", description = "Status code of the answer.", javaType = "Integer")
    public static final String STATUS = "CamelContentsquareStatus";

    private ContentsquareConstants() {}
}
