from django.db import migrations, models


def sign_first(apps, schema_editor):
    apps.get_model("guestbook", "Entry").objects.create(text="This guestbook was opened by its first migration.")


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.CharField(max_length=200)),
                ("written_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={"ordering": ["-id"]},
        ),
        migrations.RunPython(sign_first, migrations.RunPython.noop),
    ]
