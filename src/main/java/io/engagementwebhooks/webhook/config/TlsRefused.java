package io.engagementwebhooks.webhook.config;

/** A certificate, key or store cannot be used. The texts never hold any of it. */
final class TlsRefused extends Exception {

    private static final long serialVersionUID = 1L;

    private final String key;
    private final String wayOut;

    /**
     * @param key the key of the configuration whose value is meant
     * @param rule what it breaks, such as "holds no certificate"
     * @param wayOut what to do about it
     */
    TlsRefused(String key, String rule, String wayOut) {
        super("'" + key + "' " + rule, null, false, false);
        this.key = key;
        this.wayOut = wayOut;
    }

    String key() {
        return key;
    }

    String wayOut() {
        return wayOut;
    }
}
