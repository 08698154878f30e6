package io.engagementwebhooks.config.read;

/** A certificate, key or store cannot be used. The texts never hold any of it. */
public final class TlsRefused extends Exception {

    private static final long serialVersionUID = 1L;

    private final String key;
    private final String wayOut;

    /**
     * @param key the configuration key of the value
     * @param rule the broken rule, such as "holds no certificate"
     * @param wayOut the remedy
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
