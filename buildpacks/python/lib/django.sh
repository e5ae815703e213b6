# shellcheck shell=bash
# shellcheck source=buildpacks/lib/output.sh
. "$(dirname "${BASH_SOURCE[0]}")/output.sh"
: "${environment:=}"

collect_static() {
  if [ ! -f manage.py ] || ! python -c 'import django' 2>/dev/null; then return; fi
  step 'Collecting static files'
  if [ -n "${DISABLE_COLLECTSTATIC:-}" ] && [ "$DISABLE_COLLECTSTATIC" != 0 ]; then
    note 'Not done: DISABLE_COLLECTSTATIC is set'
    return
  fi
  case $(static_settings) in
    'True True') ;;
    'True False')
      note 'Not done: STATIC_ROOT is not set'
      return
      ;;
    'False '*)
      note 'Not done: django.contrib.staticfiles is not installed'
      return
      ;;
  esac
  indented python manage.py collectstatic --noinput ||
    fail 'collectstatic failed: the lines above tell why.' \
      'Set the config var DISABLE_COLLECTSTATIC to 1 to build without it.'
}

# Whether the app has static files, and a place to collect them in.
static_settings() {
  local output
  output=$(python manage.py shell --command 'from django.conf import settings
print("django.contrib.staticfiles" in settings.INSTALLED_APPS, bool(settings.STATIC_ROOT))' 2>&1) || {
    indent <<<"$output" >&2
    fail "The settings of this Django app cannot be read: the lines above tell why." \
      'They are read when the app is built, too: without the config vars that only its instances have.'
  }
  tail -n 1 <<<"$output"
}
