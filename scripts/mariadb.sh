#!/bin/sh
# MariaDB for the tests on it: taken from the system's packages when it is missing and that may be done.
set -u

PATH=$PATH:/usr/sbin:/usr/local/sbin
if command -v mariadbd >/dev/null 2>&1 && command -v mariadb-dump >/dev/null 2>&1; then
  exit 0
fi

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing MariaDB for the tests on it …"
  export DEBIAN_FRONTEND=noninteractive
  # The programs alone: no service is started, and no port taken.
  install="apt-get install -y -qq --no-install-recommends mariadb-server-core mariadb-client"
  if { $install || { apt-get update -qq && $install; }; } >/dev/null 2>&1; then
    exit 0
  fi
fi
echo "No MariaDB, so the tests on it are skipped. To run them: sudo apt-get install mariadb-server-core mariadb-client"
