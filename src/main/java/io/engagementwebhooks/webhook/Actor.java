package io.engagementwebhooks.webhook;

/**
 * Who makes a change. The kind and the id identify it; the name can be that of another one.
 *
 * @param kind such as {@value #API_KEY}
 * @param id of a key or a portal session, or the subject of a user; null: there is one of the kind
 * @param name as shown
 */
public record Actor(String kind, String id, String name) {

    public static final String API_KEY = "api-key";
    public static final String USER = "user";
    public static final String PORTAL_SESSION = "portal-session";
    public static final String OPERATOR = "operator";

    /** A client over JMX. */
    public static final Actor JMX = new Actor("jmx", null, "JMX");
}
