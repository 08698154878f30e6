package io.engagementwebhooks.deliver.oauth2;

import com.nimbusds.oauth2.sdk.auth.ClientAuthentication;
import com.nimbusds.oauth2.sdk.auth.ClientAuthenticationMethod;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.util.URLUtils;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Client authentication by the client id and further fields in the form. The library's own has no EdDSA, and omits
 * {@code client_id} beside an assertion, which some servers require.
 */
final class FormAuthentication extends ClientAuthentication {

    private static final String CLIENT_ID = "client_id";

    private final Map<String, String> fields;

    FormAuthentication(ClientAuthenticationMethod method, ClientID id, Map<String, String> fields) {
        super(method, id);
        this.fields = Map.copyOf(fields);
    }

    @Override
    public Set<String> getFormParameterNames() {
        Set<String> names = new TreeSet<>(fields.keySet());
        names.add(CLIENT_ID);
        return names;
    }

    @Override
    public void applyTo(HTTPRequest request) {
        Map<String, List<String>> form = new LinkedHashMap<>(URLUtils.parseParameters(request.getBody()));
        form.put(CLIENT_ID, List.of(getClientID().getValue()));
        fields.forEach((name, value) -> form.put(name, List.of(value)));
        request.setBody(URLUtils.serializeParameters(form));
    }
}
