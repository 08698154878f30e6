package io.engagementwebhooks.config.read;

import io.engagementwebhooks.webhook.auth.Secret;
import io.engagementwebhooks.webhook.auth.Tls.ClientCertificate;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.UnrecoverableKeyException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * A key with its certificates in a PKCS12 store, as Base64.
 *
 * @param key the configuration key of the value
 * @param base64 its value
 * @param password of the store and of the key in it
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7292">RFC 7292</a>
 */
record Pkcs12Text(String key, Secret base64, Secret password) {

    ClientCertificate certificate() throws TlsRefused {
        char[] secret = password.reveal().toCharArray();
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(new ByteArrayInputStream(bytes()), secret);
            return certificate(store, secret);
        } catch (UnrecoverableKeyException e) {
            throw wrongPassword();
        } catch (IOException e) {
            throw e.getCause() instanceof UnrecoverableKeyException ? wrongPassword() : unreadable();
        } catch (GeneralSecurityException e) {
            throw unreadable();
        }
    }

    private ClientCertificate certificate(KeyStore store, char[] secret) throws GeneralSecurityException, TlsRefused {
        List<ClientCertificate> found = new ArrayList<>();
        for (String alias : java.util.Collections.list(store.aliases())) {
            Key entry = store.isKeyEntry(alias) ? store.getKey(alias, secret) : null;
            if (entry instanceof PrivateKey privateKey) {
                List<X509Certificate> chain = Arrays.stream(store.getCertificateChain(alias))
                        .map(X509Certificate.class::cast)
                        .toList();
                found.add(new ClientCertificate(chain, privateKey));
            }
        }
        if (found.size() != 1) {
            throw new TlsRefused(
                    key,
                    found.isEmpty() ? "holds no private key with its certificate" : "holds " + found.size() + " keys",
                    "export one key with its certificates");
        }
        return found.get(0);
    }

    private byte[] bytes() throws TlsRefused {
        try {
            return Base64.getDecoder().decode(base64.reveal().replaceAll("\\s", ""));
        } catch (IllegalArgumentException e) {
            throw unreadable();
        }
    }

    private TlsRefused unreadable() {
        return new TlsRefused(
                key, "is no PKCS12 store that can be read", "give the file by {{file:PATH}}, or its Base64");
    }

    private TlsRefused wrongPassword() {
        return new TlsRefused(key, "does not open with 'password'", "give the password it was exported with");
    }
}
