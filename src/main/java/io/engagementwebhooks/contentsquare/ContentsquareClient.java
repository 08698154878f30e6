package io.engagementwebhooks.contentsquare;

/** Sends enrichments to Contentsquare. */
public final class ContentsquareClient {

    public static final String DEFAULT_TOKEN_URL = "https://api.contentsquare.com/v1/oauth/token";
    public static final String DEFAULT_ENDPOINT_SUFFIX = "contentsquare.com";

    private ContentsquareClient() {}
}
