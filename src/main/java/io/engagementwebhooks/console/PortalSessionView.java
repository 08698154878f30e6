package io.engagementwebhooks.console;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * A portal session as the API shows it.
 *
 * @param id its id
 * @param role read or admin
 * @param createdBy the name of the key that made it
 * @param createdAt when
 * @param signedInAt when its link was used, or null
 * @param lastUsedAt when its last request came, or null
 * @param expiresAt when it ends at the latest
 * @param returnTo where its pages lead back to, or null
 * @param renew where its holder gets another link, or null
 * @param navigation whether its pages show the navigation
 * @param theme light, dark or system
 * @param url of the link, in the response to its creation only, else null
 * @param linkExpiresAt until when the link can be used, else null
 */
public record PortalSessionView(
        String id,
        String role,
        String createdBy,
        String createdAt,
        String signedInAt,
        String lastUsedAt,
        String expiresAt,
        @JsonProperty("return") String returnTo,
        String renew,
        boolean navigation,
        String theme,
        String url,
        String linkExpiresAt) {

    /** Without the link, which signs in. */
    @Override
    public String toString() {
        return "portal session " + id;
    }
}
