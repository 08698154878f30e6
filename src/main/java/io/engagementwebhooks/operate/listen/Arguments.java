package io.engagementwebhooks.operate.listen;

import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The arguments of {@code listen}.
 *
 * @param to the local address
 * @param url the address of the installation, without a slash at the end
 * @param events the types, with commas between them, or null
 * @param webhook its name or id, or null
 */
record Arguments(URI to, String url, String events, String webhook) {

    private static final Set<String> KNOWN = Set.of("--to", "--url", "--events", "--webhook");

    /** @throws IllegalArgumentException what is wrong with them */
    static Arguments of(List<String> given) {
        Map<String, String> values = new HashMap<>();
        for (int i = 0; i < given.size(); i += 2) {
            if (!KNOWN.contains(given.get(i))) {
                throw new IllegalArgumentException("listen has no option " + given.get(i));
            }
            if (i + 1 == given.size() || given.get(i + 1).isBlank()) {
                throw new IllegalArgumentException(given.get(i) + " needs a value");
            }
            values.put(given.get(i), given.get(i + 1));
        }
        URI url = address(values, "--url", "the installation, such as https://hooks.example.com");
        return new Arguments(
                address(values, "--to", "your receiver, such as http://localhost:3000/hook"),
                url.toString().replaceFirst("/+$", ""),
                values.get("--events"),
                values.get("--webhook"));
    }

    private static URI address(Map<String, String> values, String option, String what) {
        String text = values.get(option);
        if (text != null) {
            try {
                URI url = URI.create(text);
                if (("http".equals(url.getScheme()) || "https".equals(url.getScheme())) && url.getHost() != null) {
                    return url;
                }
            } catch (IllegalArgumentException e) {
                // reported below
            }
        }
        throw new IllegalArgumentException("listen needs " + option + " with the URL of " + what);
    }
}
