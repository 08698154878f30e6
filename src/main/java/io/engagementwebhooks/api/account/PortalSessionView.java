package io.engagementwebhooks.api.account;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * A portal session in the API.
 *
 * @param id its id
 * @param role read or admin
 * @param createdBy name of the key that created it
 * @param createdAt when
 * @param signedInAt when its link was used, or null
 * @param lastUsedAt time of its last request, or null
 * @param expiresAt latest end
 * @param returnTo URL that its pages link back to, or null
 * @param renew URL where its holder gets a new link, or null
 * @param navigation whether its pages show the navigation
 * @param theme light, dark or system
 * @param url the link, in the response to its creation only, else null
 * @param linkExpiresAt until when the link works, else null
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

    /** Leaves out the link, which signs in. */
    @Override
    public String toString() {
        return "portal session " + id;
    }
}
