#!/usr/bin/env bash
# Builds the files of a release from a tag, in a fresh clone, on Debian or Ubuntu. Two runs on one JDK make the same bytes, except
# signatures and the image's class-data archive. Pushes nothing.
#
#   deploy/release.sh TAG FOLDER [TARGET]
#
#   FOLDER         is made
#   TARGET         what `./mvnw -Pjavadoc -Dcommit=COMMIT package` has built of the tag: then it only packs
#   RELEASE_KEY    a secret key of gpg. With it the folder also has central-bundle.zip, signed, to upload to Maven Central
set -euo pipefail

[ $# = 2 ] || [ $# = 3 ] || { echo "usage: deploy/release.sh TAG FOLDER [TARGET]" >&2; exit 2; }
umask 022 # the jars have the modes of files
repository=$(cd "$(dirname "$0")/.." && git rev-parse --show-toplevel)
tag=$1
commit=$(git -C "$repository" rev-parse --verify "$tag^{commit}")
time=$(git -C "$repository" show -s --format=%ct "$commit")
mkdir "$2"
to=$(realpath "$2")
target=${3:+$(realpath "$3")}
clone=$(mktemp -d)
trap 'rm -rf "$clone"' EXIT

git clone -q "$repository" "$clone"
cd "$clone"
git checkout -q --detach "$commit"
version=$(sed -n '0,/<version>/s|.*<version>\(.*\)</version>.*|\1|p' pom.xml)
[ "${tag#v}" = "$version" ] || { echo "release.sh: pom.xml has version $version, so the tag must be v$version, not $tag" >&2; exit 1; }
if [ -z "$target" ]; then
  ./mvnw -q -B -Pjavadoc -Dmaven.test.skip -Dcommit="$commit" package >&2
  target=$clone/target
fi
export TZ=UTC LC_ALL=C

name=engagement-webhooks-$version
cp pom.xml "$to/$name.pom"
cp "$target/$name.jar" "$target/$name-sources.jar" "$target/$name-javadoc.jar" "$to/"
cp "$target/engagement-webhooks.jar" "$to/$name-runnable.jar"
unzip -p "$target/engagement-webhooks.jar" META-INF/sbom/bom.json >"$to/$name-cyclonedx.json"
cp deploy/vex.cdx.json "$to/$name-vex.json"

mkdir "$clone/$name"
cp -r bin routes kamelet-catalog application.properties docs/webhooks.example.yaml docs/webhooks.schema.json LICENSE NOTICE CHANGELOG.md \
  deploy/systemd/engagement-webhooks.service "$clone/$name/"
cp "$target/engagement-webhooks.jar" "$clone/$name/"
chmod -R u=rwX,go=rX "$clone/$name"
tar --sort=name --mtime="@$time" --owner=0 --group=0 --numeric-owner -cf - "$name" | gzip -n9 >"$to/$name.tar.gz"

package=$clone/package
mkdir -p "$package/DEBIAN" "$package/etc/engagement-webhooks" "$package/lib/systemd/system" "$package/opt"
cp -r "$clone/$name" "$package/opt/engagement-webhooks"
mv "$package/opt/engagement-webhooks/engagement-webhooks.service" "$package/lib/systemd/system/"
cat >"$package/DEBIAN/control" <<CONTROL
Package: engagement-webhooks
Version: $version
Architecture: all
Section: net
Maintainer: Engagement Webhooks team <team@engagementwebhooks.io>
Depends: default-jre-headless (>= 2:1.17) | java17-runtime-headless
Homepage: https://engagementwebhooks.io
Description: webhook sender
CONTROL
SOURCE_DATE_EPOCH=$time dpkg-deb --root-owner-group -Zgzip -z1 --build "$package" "$to/$name.deb" >&2

deploy/image.sh "$clone/$name" "$version" "$time" "$to/$name-image.tar" >"$clone/packages"

cd "$to"
chmod 644 -- *
sha256sum -- * >"$clone/sums"
{ # SLSA 1.0: https://slsa.dev/spec/v1.0/provenance
  echo '{"_type": "https://in-toto.io/Statement/v1", "predicateType": "https://slsa.dev/provenance/v1", "subject": ['
  sed 's|^\([0-9a-f]*\)  \(.*\)$|  {"name": "\2", "digest": {"sha256": "\1"}}|; $!s|$|,|' "$clone/sums"
  echo '], "predicate": {"buildDefinition": {"buildType": "urn:engagement-webhooks:release.sh", "externalParameters": {"tag": "'"$tag"'"},'
  echo '  "resolvedDependencies": [{"digest": {"gitCommit": "'"$commit"'"}},'
  sed '$s|,$||' "$clone/packages"
  echo '  ]},'
  echo '  "runDetails": {"builder": {"id": "urn:engagement-webhooks:release.sh"}}}}'
} >"$name-provenance.json"
sha256sum -- * >SHA256SUMS
[ -n "${RELEASE_KEY-}" ] || exit 0

# https://central.sonatype.org/publish/requirements/
gpg --batch --yes --armor -u "$RELEASE_KEY" --detach-sign SHA256SUMS
central=$clone/central/io/engagementwebhooks/engagement-webhooks/$version
mkdir -p "$central"
cp "$name".pom "$name"*.jar "$name"-cyclonedx.json "$central/"
cd "$central"
for file in *; do
  gpg --batch --armor -u "$RELEASE_KEY" --detach-sign "$file"
  md5sum "$file" | cut -d ' ' -f 1 >"$file.md5"
  sha1sum "$file" | cut -d ' ' -f 1 >"$file.sha1"
done
jar --create --no-manifest --file "$to/central-bundle.zip" -C "$clone/central" io
